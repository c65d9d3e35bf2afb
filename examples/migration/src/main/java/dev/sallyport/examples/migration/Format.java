// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The formats that can be read. */
enum Format {
    KEYCLOAK,
    DJANGO_OTP,
    CSV,
    AUTHELIA,
    PSKC,
    OTPAUTH,
    CXF;

    /** {@return the name on the command line} */
    String option() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Format named(String option) throws BadInput {
        for (Format one : values()) {
            if (one.option().equals(option)) {
                return one;
            }
        }
        throw new BadInput("--from is one of "
                + Arrays.stream(values()).map(Format::option).collect(Collectors.joining(", ")));
    }
}
