// SPDX-License-Identifier: Apache-2.0

/** A clock, a phone and a cookie jar for the tests of an application with Sallyport in it. */
module dev.sallyport.testing {
    requires static transitive org.jspecify;
    requires transitive dev.sallyport;

    exports dev.sallyport.testing;
}
