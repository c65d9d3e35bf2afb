// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import org.jspecify.annotations.Nullable;

/** Catches a redirect, for a program that wants an answer instead. */
final class RedirectAsData extends HttpServletResponseWrapper {
    private static final String LOCATION = "Location";

    private @Nullable String location;

    RedirectAsData(HttpServletResponse response) {
        super(response);
    }

    @Nullable
    String location() {
        return location;
    }

    @Override
    public void sendRedirect(String target) {
        location = target;
    }

    /** Servlet 6.1 has this method, and 6.0 does not: so there is no annotation. */
    @SuppressWarnings("MissingOverride")
    public void sendRedirect(String target, int status, boolean clearBuffer) {
        location = target;
    }

    /** Servlet 6.1. */
    @SuppressWarnings("MissingOverride")
    public void sendRedirect(String target, int status) {
        location = target;
    }

    /** Servlet 6.1. */
    @SuppressWarnings("MissingOverride")
    public void sendRedirect(String target, boolean clearBuffer) {
        location = target;
    }

    @Override
    public void setHeader(String name, String value) {
        if (LOCATION.equalsIgnoreCase(name)) {
            location = value;
        } else {
            super.setHeader(name, value);
        }
    }

    @Override
    public void addHeader(String name, String value) {
        if (LOCATION.equalsIgnoreCase(name)) {
            location = value;
        } else {
            super.addHeader(name, value);
        }
    }

    @Override
    public void setStatus(int status) {
        // The status of a redirect goes with its target.
        if (status < 300 || status >= 400) {
            super.setStatus(status);
        }
    }
}
