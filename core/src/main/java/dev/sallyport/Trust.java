// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

/** What a proof was given for, and must still be true where it is used: whose key and issuer, which record, which epoch. */
record Trust(Bytes realm, long recordId, long epoch) {}
