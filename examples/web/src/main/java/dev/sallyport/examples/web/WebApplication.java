// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.web;

import java.io.IOException;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/** A small application whose users can switch two-factor authentication on. */
@SpringBootApplication
public class WebApplication {

    /**
     * Starts it.
     *
     * @param args what Spring Boot takes
     * @throws IOException if the demonstration's key cannot be written
     */
    public static void main(String[] args) throws IOException {
        DemonstrationKey.makeIfMissing();
        SpringApplication.run(WebApplication.class, args);
    }

    @Bean
    ApplicationRunner demonstration(Users users, Environment environment) {
        return arguments -> {
            users.addIfMissing("alice", "Alice Example", "alice@acme.example", "correct horse");
            String port = environment.getProperty("local.server.port", "8080");
            System.out.printf("""

                            Open http://localhost:%s and sign in as "alice" with the password "correct horse".
                            Then press the initials at the top right, and enable two-factor authentication.

                    """, port);
        };
    }
}
