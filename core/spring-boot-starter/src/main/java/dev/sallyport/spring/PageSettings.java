// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What all pages of an application have in common.
 *
 * @param digits the digits of a code of a newly enrolled app
 * @param timeStep how long such a code is shown
 * @param browserLifetime how long a browser is remembered
 * @param style the file name of the style sheet
 * @param script the file name of the script
 * @param styleSheet the path of the application's own style sheet; null if it has none
 */
record PageSettings(
        int digits,
        Duration timeStep,
        Duration browserLifetime,
        String style,
        String script,
        @Nullable String styleSheet) {}
