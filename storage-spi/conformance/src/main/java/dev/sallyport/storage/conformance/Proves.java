// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What the tests of one class of the kit prove, as the report says it. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@interface Proves {
    String value();
}
