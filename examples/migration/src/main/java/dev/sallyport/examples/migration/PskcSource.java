// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import dev.sallyport.examples.migration.CsvTable.Row;
import dev.sallyport.examples.migration.Inventory.Identity;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Element;

/**
 * A Portable Symmetric Key Container, RFC 6030, in which vendors send the secrets of hardware tokens. A second table
 * says whose token it is: {@code serial,user}. Without it, the file's own UserId does. An XML signature is not checked.
 *
 * @param serials the table of serial numbers
 * @param unlocking the password or the key
 * @param clock for the expiry dates of keys
 */
record PskcSource(Optional<Path> serials, PskcCipher.Unlocking unlocking, InstantSource clock) implements Source {
    private static final String NAMESPACE = "urn:ietf:params:xml:ns:keyprov:pskc";

    @Override
    public Inventory read(Path file) throws BadInput {
        Map<String, String> owners = serials.isPresent() ? owners(serials.get()) : Map.of();
        Element container = Xml.read(file);
        if (!NAMESPACE.equals(container.getNamespaceURI())
                || !container.getLocalName().equals("KeyContainer")
                || !container.getAttribute("Version").equals("1.0")) {
            throw BadInput.at(file.toString(), "it is no KeyContainer of RFC 6030 with the version 1.0");
        }
        PskcCipher cipher;
        try {
            cipher = PskcCipher.of(container, unlocking);
        } catch (PskcCipher.Refused e) {
            throw BadInput.at(file.toString(), String.valueOf(e.getMessage()));
        }
        Inventory.Builder inventory = new Inventory.Builder();
        Set<String> missing = new LinkedHashSet<>(owners.keySet());
        List<Element> packages = Xml.children(container, "KeyPackage");
        for (int i = 0; i < packages.size(); i++) {
            String serial = Xml.text(Xml.descendant(packages.get(i), "DeviceInfo", "SerialNo"));
            missing.remove(serial);
            read(packages.get(i), "KeyPackage " + (i + 1), serial, cipher, owners, inventory);
        }
        for (String serial : missing) {
            OldAuthenticator absent = OldAuthenticator.at("serial number " + Labels.show(serial), "Token " + serial)
                    .refuse("this token is not in the file")
                    .build();
            inventory.user(null, owners.getOrDefault(serial, "")).add(absent);
        }
        inventory.note(
                "XML signatures, which are not checked",
                Xml.children(container, "Signature").size());
        return inventory.build(
                serials.isPresent()
                        ? new Identity("the users in the table of serial numbers", true)
                        : new Identity("the UserId of the tokens", false));
    }

    private void read(
            Element keyPackage,
            String where,
            @Nullable String serial,
            @Nullable PskcCipher cipher,
            Map<String, String> owners,
            Inventory.Builder inventory) {
        Element key = Xml.child(keyPackage, "Key");
        if (key == null) {
            inventory.note("key packages without a key", 1);
            return;
        }
        String algorithm = key.getAttribute("Algorithm");
        if (algorithm.endsWith(":pin")) {
            inventory.note("PINs, which the tokens check themselves", 1);
            return;
        }
        String owner = serials.isPresent() ? owners.get(serial) : userId(keyPackage, key);
        if (owner == null) {
            inventory.note("tokens that nobody has: no serial number in the table, or no UserId", 1);
            return;
        }
        OldAuthenticator.Builder found =
                OldAuthenticator.at(where, Labels.fit(serial == null ? null : "Token " + serial, "Token"));
        Element parameters = Xml.child(key, "AlgorithmParameters");
        Element data = Xml.child(key, "Data");
        readFormat(found, parameters);
        readPolicy(found, Xml.child(key, "Policy"));
        found.algorithm(Xml.text(Xml.child(parameters, "Suite")));
        try {
            found.secret(secret(Xml.child(data, "Secret"), cipher));
            if (algorithm.matches(".*[:#]hotp")) {
                found.counter(plain(data, "Counter"));
            } else if (algorithm.matches(".*[:#]totp")) {
                found.period(plain(data, "TimeInterval"))
                        .drift(plain(data, "TimeDrift"))
                        .ownClock();
            } else {
                found.refuse("its algorithm is neither hotp nor totp");
            }
        } catch (PskcCipher.Refused e) {
            found.refuse(String.valueOf(e.getMessage()));
        }
        inventory.user(null, owner).add(found.build());
    }

    private static @Nullable String userId(Element keyPackage, Element key) {
        String own = Xml.text(Xml.child(key, "UserId"));
        String devices = Xml.text(Xml.descendant(keyPackage, "DeviceInfo", "UserId"));
        String found = own == null || own.isEmpty() ? devices : own;
        return found == null || found.isEmpty() ? null : found;
    }

    private static byte[] secret(@Nullable Element secret, @Nullable PskcCipher cipher) throws PskcCipher.Refused {
        Element plain = Xml.child(secret, "PlainValue");
        if (plain != null) {
            return PskcCipher.base64(Xml.text(plain), "its secret");
        }
        Element encrypted = Xml.child(secret, "EncryptedValue");
        if (encrypted == null) {
            throw new PskcCipher.Refused("it has no secret");
        }
        if (cipher == null) {
            throw new PskcCipher.Refused("its secret is encrypted, and the file does not say how");
        }
        return cipher.open(encrypted, Xml.child(secret, "ValueMAC"));
    }

    private static @Nullable String plain(@Nullable Element data, String name) throws PskcCipher.Refused {
        Element value = Xml.child(data, name);
        if (Xml.child(value, "EncryptedValue") != null) {
            throw new PskcCipher.Refused("its " + name + " is encrypted, which is not supported");
        }
        return Xml.text(Xml.child(value, "PlainValue"));
    }

    private static void readFormat(OldAuthenticator.Builder found, @Nullable Element parameters) {
        Element format = Xml.child(parameters, "ResponseFormat");
        if (format == null) {
            return;
        }
        if (!format.getAttribute("Encoding").equals("DECIMAL")) {
            found.refuse("its codes are not decimal digits");
        }
        if (List.of("true", "1").contains(format.getAttribute("CheckDigits"))) {
            found.refuse("its codes end in a check digit");
        }
        found.digits(format.getAttribute("Length"));
    }

    /** RFC 6030 section 5: a key must not be used in a way that its policy does not permit. */
    private void readPolicy(OldAuthenticator.Builder found, @Nullable Element policy) {
        String expiry = Xml.text(Xml.child(policy, "ExpiryDate"));
        if (expiry != null) {
            try {
                if (!instant(expiry).isAfter(clock.instant())) {
                    found.refuse("its key has expired");
                }
            } catch (DateTimeException e) {
                found.refuse("its expiry date cannot be read");
            }
        }
        List<Element> usages = Xml.children(policy, "KeyUsage");
        if (!usages.isEmpty() && usages.stream().noneMatch(usage -> "OTP".equals(Xml.text(usage)))) {
            found.refuse("its policy permits no one-time codes");
        }
        Element pin = Xml.child(policy, "PINPolicy");
        if (pin != null && !pin.getAttribute("PINUsageMode").equals("Local")) {
            found.refuse("its codes contain a PIN");
        }
    }

    /** A date of XML Schema. Without a time zone, it is taken as UTC. */
    private static Instant instant(String date) {
        boolean zoned = date.matches(".*(Z|[+-][0-9]{2}:[0-9]{2})");
        return OffsetDateTime.parse(zoned ? date : date + "Z").toInstant();
    }

    private static Map<String, String> owners(Path file) throws BadInput {
        CsvTable table = CsvTable.read(file);
        table.requireColumns("serial", "user");
        Map<String, String> owners = new LinkedHashMap<>();
        for (Row row : table.rows()) {
            String serial = table.required(row, "serial");
            if (owners.put(serial, table.required(row, "user")) != null) {
                throw BadInput.at(CsvTable.place(file, row.line()), "this serial number was there before");
            }
        }
        return owners;
    }
}
