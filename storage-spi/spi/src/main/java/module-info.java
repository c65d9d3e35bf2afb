// SPDX-License-Identifier: Apache-2.0

/** The storage SPI of Sallyport: four methods with which any database can keep its records. */
module dev.sallyport.storage {
    requires static transitive org.jspecify;

    exports dev.sallyport.storage;
}
