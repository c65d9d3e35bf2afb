// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

/** What a user proved a second factor with. */
public enum VerificationMethod {
    /** A one-time code of an authenticator. */
    ONE_TIME_CODE,
    /** A backup code. */
    BACKUP_CODE
}
