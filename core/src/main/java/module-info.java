// SPDX-License-Identifier: Apache-2.0

/** Two-factor authentication for a Java application's own login. */
module dev.sallyport {
    requires static transitive org.jspecify;
    requires transitive dev.sallyport.storage;
    requires org.apache.commons.codec;
    requires org.slf4j;

    exports dev.sallyport;
    exports dev.sallyport.otp;
}
