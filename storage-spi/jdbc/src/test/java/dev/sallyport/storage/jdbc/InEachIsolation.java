// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.jdbc;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.sql.Connection;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A test that is run once for each isolation that a transaction can have. */
@ParameterizedTest
@ValueSource(
        ints = {
            Connection.TRANSACTION_READ_UNCOMMITTED,
            Connection.TRANSACTION_READ_COMMITTED,
            Connection.TRANSACTION_REPEATABLE_READ,
            Connection.TRANSACTION_SERIALIZABLE
        })
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@interface InEachIsolation {}
