// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import dev.sallyport.examples.migration.Inventory.Identity;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * What {@code authelia storage user totp export} writes. The secret is the Base64 of its Base32. Authelia names users
 * by their login names. The key URIs that {@code ... export uri} prints are read by {@link OtpauthSource}.
 */
final class AutheliaSource implements Source {
    @Override
    public Inventory read(Path file) throws BadInput {
        Inventory.Builder inventory = new Inventory.Builder();
        for (Json one : Json.readYaml(file).required("totp_configurations").elements()) {
            OldAuthenticator.Builder found = OldAuthenticator.at(one.path(), "Authenticator app")
                    .algorithm(one.optionalText("algorithm"))
                    .digits(one.optionalText("digits"))
                    .period(one.optionalText("period"));
            try {
                found.secret(Secrets.Encoding.BASE32, decoded(one.optionalText("secret")));
            } catch (IllegalArgumentException e) {
                // The cause is left out, because its message quotes the text.
                found.refuse("its secret is not the Base64 of a Base32 text");
            }
            inventory.user(null, one.required("username").text()).add(found.build());
        }
        return inventory.build(new Identity("the user names of Authelia, which has no other ids here", false));
    }

    private static @Nullable String decoded(@Nullable String secret) {
        return secret == null
                ? null
                : new String(Base64.getDecoder().decode(secret.strip()), StandardCharsets.US_ASCII);
    }
}
