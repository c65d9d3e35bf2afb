// SPDX-License-Identifier: Apache-2.0

/** Keeps Sallyport's records in a table of a relational database. */
module dev.sallyport.storage.jdbc {
    requires static transitive org.jspecify;
    requires transitive dev.sallyport.storage;
    requires transitive java.sql;

    exports dev.sallyport.storage.jdbc;
}
