// SPDX-License-Identifier: Apache-2.0

/** An application that knows Sallyport by its jars alone. */
module dev.sallyport.consumer {
    requires dev.sallyport;
    requires dev.sallyport.qr;
    requires dev.sallyport.storage.jdbc;
    requires dev.sallyport.testing;
    // These two come with the core. Versions finds out their releases. Planted calls what old releases do not have.
    requires static org.apache.commons.codec;
    requires static org.slf4j;
    // The driver, and what it needs besides.
    requires com.h2database;
    requires java.naming;
}
