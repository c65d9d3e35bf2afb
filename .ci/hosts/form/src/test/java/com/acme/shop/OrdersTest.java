// SPDX-License-Identifier: Apache-2.0
package com.acme.shop;

import static org.springframework.security.test.web.servlet.setup.SecurityMockMvcConfigurers.springSecurity;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.content;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.security.test.context.support.WithMockUser;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.setup.MockMvcBuilders;
import org.springframework.web.context.WebApplicationContext;

/** The application's own tests, written before it had two-factor authentication. */
@SpringBootTest(properties = "SALLYPORT_KEY=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
class OrdersTest {
    @Autowired
    private WebApplicationContext context;

    private MockMvc mvc;

    @BeforeEach
    void setUp() {
        mvc = MockMvcBuilders.webAppContextSetup(context).apply(springSecurity()).build();
    }

    @Test
    @WithMockUser("carol")
    void orders_ofAUserWhomTheTestMakesUp_areShown() throws Exception {
        mvc.perform(get("/orders")).andExpect(status().isOk()).andExpect(content().string("Orders of carol"));
    }

    @Test
    void orders_ofNobody_areNotShown() throws Exception {
        mvc.perform(get("/orders")).andExpect(status().is3xxRedirection());
    }
}
