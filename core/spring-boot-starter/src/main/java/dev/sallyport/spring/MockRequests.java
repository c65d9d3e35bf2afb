// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletRequestWrapper;

/** Recognizes a request of Spring's MockMvc, which exists in tests only. No client can make one. */
final class MockRequests {
    private MockRequests() {}

    static boolean is(ServletRequest outermost) {
        ServletRequest request = outermost;
        while (request instanceof ServletRequestWrapper wrapper) {
            request = wrapper.getRequest();
        }
        return request.getClass().getName().startsWith("org.springframework.mock.web.");
    }
}
