// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import org.apache.commons.codec.binary.Base32;

/** Writes files with any number of users in each format. The users are user-1, user-2 and so on. */
final class LargeFiles {
    private static final String PASSWORD = "sample-password";
    private static final int ACCOUNTS_PER_CODE = 10;

    private final Path directory;
    private final int users;

    LargeFiles(Path directory, int users) {
        this.directory = directory;
        this.users = users;
    }

    private interface Lines {
        void writeTo(BufferedWriter out) throws IOException, GeneralSecurityException;
    }

    static byte[] secret(int user) {
        return String.format(Locale.ROOT, "secret-of-user%06d", user).getBytes(US_ASCII);
    }

    static String user(int number) {
        return "user-" + number;
    }

    private static String base32(int user) {
        return new Base32().encodeToString(secret(user)).replace("=", "");
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    CommandLineRun add(CommandLineRun run, Format format) throws IOException, GeneralSecurityException {
        run.from(format.option(), write(format));
        if (format == Format.PSKC) {
            Path serials = write("serials.csv", out -> {
                out.write("serial,user\n");
                for (int i = 1; i <= users; i++) {
                    out.write(i + "," + user(i) + "\n");
                }
            });
            run.with("--serials", serials.toString()).environment("SALLYPORT_PSKC_PASSWORD", PASSWORD);
        }
        return run;
    }

    Path write(Format format) throws IOException, GeneralSecurityException {
        return write(
                "users." + format.option(),
                switch (format) {
                    case KEYCLOAK -> this::keycloak;
                    case DJANGO_OTP -> this::djangoOtp;
                    case CSV -> this::csv;
                    case AUTHELIA -> this::authelia;
                    case PSKC -> this::pskc;
                    case OTPAUTH -> this::otpauth;
                    case CXF -> this::cxf;
                });
    }

    private Path write(String name, Lines lines) throws IOException, GeneralSecurityException {
        Path file = directory.resolve(name);
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            lines.writeTo(out);
        }
        return file;
    }

    private void keycloak(BufferedWriter out) throws IOException {
        out.write("{\"realm\":\"acme\",\"users\":[");
        for (int i = 1; i <= users; i++) {
            out.write((i == 1 ? "" : ",\n") + "{\"id\":\"" + user(i) + "\",\"username\":\"name" + i
                    + "\",\"credentials\":[{\"type\":\"otp\",\"secretData\":\"{\\\"value\\\":\\\""
                    + new String(secret(i), US_ASCII) + "\\\"}\",\"credentialData\":\"{\\\"subType\\\":\\\"totp\\\","
                    + "\\\"digits\\\":6,\\\"counter\\\":0,\\\"period\\\":30,\\\"algorithm\\\":\\\"HmacSHA1\\\"}\"}]}");
        }
        out.write("]}");
    }

    private void djangoOtp(BufferedWriter out) throws IOException {
        out.write("[");
        for (int i = 1; i <= users; i++) {
            out.write((i == 1 ? "" : ",\n") + "{\"model\":\"auth.user\",\"pk\":\"" + user(i)
                    + "\",\"fields\":{\"password\":\"!\",\"last_login\":null,\"username\":\"name" + i + "\"}},"
                    + "{\"model\":\"otp_totp.totpdevice\",\"pk\":" + i + ",\"fields\":{\"user\":\"" + user(i)
                    + "\",\"name\":\"default\",\"confirmed\":true,\"key\":\""
                    + HexFormat.of().formatHex(secret(i))
                    + "\",\"step\":30,\"t0\":0,\"digits\":6,\"drift\":0,\"last_t\":55000000}}");
        }
        out.write("]");
    }

    private void csv(BufferedWriter out) throws IOException {
        out.write("user_id,user,secret\n");
        for (int i = 1; i <= users; i++) {
            out.write(user(i) + ",name" + i + "," + base32(i) + "\n");
        }
    }

    private void authelia(BufferedWriter out) throws IOException {
        out.write("totp_configurations:\n");
        for (int i = 1; i <= users; i++) {
            out.write("    - created_at: 2024-11-01T08:00:00Z\n      last_used_at: null\n      username: " + user(i)
                    + "\n      issuer: acme\n      algorithm: SHA1\n      digits: 6\n      period: 30\n      secret: "
                    + base64(base32(i).getBytes(US_ASCII)) + "\n");
        }
    }

    /** The second half is in export codes of an app, the last code first. */
    private void otpauth(BufferedWriter out) throws IOException {
        int half = users / 2;
        for (int i = 1; i <= half; i++) {
            out.write("otpauth://totp/Acme:" + user(i) + "?secret=" + base32(i) + "&issuer=Acme\n");
        }
        int codes = (users - half + ACCOUNTS_PER_CODE - 1) / ACCOUNTS_PER_CODE;
        for (int code = codes - 1; code >= 0; code--) {
            ProtobufWriter payload = new ProtobufWriter();
            int first = half + 1 + code * ACCOUNTS_PER_CODE;
            for (int i = first; i < first + ACCOUNTS_PER_CODE && i <= users; i++) {
                payload.bytes(
                        1,
                        new ProtobufWriter()
                                .bytes(1, secret(i))
                                .bytes(2, user(i).getBytes(US_ASCII))
                                .bytes(3, "Acme".getBytes(US_ASCII))
                                .number(4, 1)
                                .number(5, 1)
                                .number(6, 2)
                                .toBytes());
            }
            out.write(payload.number(2, 1)
                            .number(3, codes)
                            .number(4, code)
                            .number(5, 77)
                            .toMigrationUri()
                    + "\n");
        }
    }

    private void cxf(BufferedWriter out) throws IOException {
        out.write("{\"version\":{\"major\":1,\"minor\":0},\"accounts\":[");
        for (int i = 1; i <= users; i++) {
            out.write((i == 1 ? "" : ",\n") + "{\"id\":\"" + i + "\",\"username\":\"vault" + i
                    + "\",\"items\":[{\"id\":\"" + i + "\",\"title\":\"Acme\",\"credentials\":[{\"type\":\"totp\","
                    + "\"secret\":\"" + base32(i) + "\",\"period\":30,\"digits\":6,\"username\":\"" + user(i)
                    + "\",\"algorithm\":\"sha1\",\"issuer\":\"Acme\"}]}]}");
        }
        out.write("]}");
    }

    private void pskc(BufferedWriter out) throws IOException, GeneralSecurityException {
        byte[] salt = "salt-salt".getBytes(US_ASCII);
        byte[] key = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA1")
                .generateSecret(new PBEKeySpec(PASSWORD.toCharArray(), salt, 1000, 128))
                .getEncoded();
        byte[] macKey = "20-bytes-for-the-mac".getBytes(US_ASCII);
        String pkcs5 = "http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#";
        out.write("<KeyContainer Version=\"1.0\" xmlns=\"urn:ietf:params:xml:ns:keyprov:pskc\"><EncryptionKey>"
                + "<DerivedKey><KeyDerivationMethod Algorithm=\"" + pkcs5 + "pbkdf2\"><PBKDF2-params><Salt><Specified>"
                + base64(salt) + "</Specified></Salt><IterationCount>1000</IterationCount><KeyLength>16</KeyLength>"
                + "</PBKDF2-params></KeyDerivationMethod></DerivedKey></EncryptionKey>"
                + "<MACMethod Algorithm=\"http://www.w3.org/2000/09/xmldsig#hmac-sha1\"><MACKey>"
                + cipherData(encrypted(key, 0, macKey)) + "</MACKey></MACMethod>\n");
        for (int i = 1; i <= users; i++) {
            byte[] value = encrypted(key, i, secret(i));
            Mac mac = Mac.getInstance("HmacSHA1");
            mac.init(new SecretKeySpec(macKey, "HmacSHA1"));
            out.write("<KeyPackage><DeviceInfo><SerialNo>" + i + "</SerialNo></DeviceInfo>"
                    + "<Key Id=\"" + i + "\" Algorithm=\"urn:ietf:params:xml:ns:keyprov:pskc:totp\"><Data><Secret>"
                    + "<EncryptedValue>" + cipherData(value) + "</EncryptedValue><ValueMAC>"
                    + base64(mac.doFinal(value)) + "</ValueMAC></Secret></Data></Key></KeyPackage>\n");
        }
        out.write("</KeyContainer>\n");
    }

    private static String cipherData(byte[] value) {
        return "<EncryptionMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#aes128-cbc\"/><CipherData><CipherValue>"
                + base64(value) + "</CipherValue></CipherData>";
    }

    private static byte[] encrypted(byte[] key, int number, byte[] value) throws GeneralSecurityException {
        byte[] iv = ByteBuffer.allocate(16).putInt(number).array();
        Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(iv));
        byte[] encrypted = cipher.doFinal(value);
        return ByteBuffer.allocate(iv.length + encrypted.length)
                .put(iv)
                .put(encrypted)
                .array();
    }

    /** What oathtool needs to know of a user. */
    static Sample.Known known(int user) {
        return new Sample.Known(
                user(user), new String(secret(user), US_ASCII), 0, 30, List.of("--totp=SHA1", "--digits=6"));
    }
}
