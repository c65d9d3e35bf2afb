// SPDX-License-Identifier: Apache-2.0

/** An application that knows Sallyport by its jars alone. */
module dev.sallyport.consumer {
    requires dev.sallyport;
    requires dev.sallyport.qr;
    requires dev.sallyport.storage.jdbc;
    // The driver, and what it needs besides.
    requires com.h2database;
    requires java.naming;
}
