// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The style sheet and the script. They contain nothing of a user, so everybody may fetch and keep them. */
final class Assets {
    static final String STYLE = "style.css";
    static final String SCRIPT = "script.js";

    private static final String A_YEAR = "public, max-age=31536000, immutable";
    private static final int HASH_CHARACTERS = 16;

    private final Map<String, Asset> assets = Map.of(
            STYLE,
            Asset.load(STYLE, "text/css;charset=UTF-8"),
            SCRIPT,
            Asset.load(SCRIPT, "text/javascript;charset=UTF-8"));

    private static final class Asset {
        private final byte[] content;
        private final String type;
        private final String hash;

        private Asset(byte[] content, String type, String hash) {
            this.content = content;
            this.type = type;
            this.hash = hash;
        }

        static Asset load(String name, String type) {
            try (InputStream in = Objects.requireNonNull(Assets.class.getResourceAsStream(name), name)) {
                byte[] content = in.readAllBytes();
                byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
                return new Asset(content, type, HexFormat.of().formatHex(digest).substring(0, HASH_CHARACTERS));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (NoSuchAlgorithmException e) {
                throw new AssertionError("every Java has SHA-256", e);
            }
        }
    }

    /** {@return the address below the pages' own: it changes with the content, so that it may be kept for a year} */
    String link(String name) {
        return name + "?v=" + asset(name).hash;
    }

    /** Answers a GET or HEAD of the file. */
    void write(String name, HttpServletRequest request, HttpServletResponse response) throws IOException {
        Asset asset = asset(name);
        String tag = "\"" + asset.hash + "\"";
        response.setHeader("ETag", tag);
        response.setHeader("Cache-Control", asset.hash.equals(request.getParameter("v")) ? A_YEAR : "no-cache");
        response.setHeader("X-Content-Type-Options", "nosniff");
        if (hasTag(request.getHeader("If-None-Match"), tag)) {
            response.setStatus(HttpServletResponse.SC_NOT_MODIFIED);
            return;
        }
        response.setStatus(HttpServletResponse.SC_OK);
        response.setContentType(asset.type);
        response.setContentLength(asset.content.length);
        if (!request.getMethod().equals("HEAD")) {
            response.getOutputStream().write(asset.content);
        }
    }

    /** A proxy that compresses marks the tag as weak. */
    private static boolean hasTag(@Nullable String ifNoneMatch, String tag) {
        return ifNoneMatch != null
                && (ifNoneMatch.contains(tag) || ifNoneMatch.trim().equals("*"));
    }

    private Asset asset(String name) {
        return Objects.requireNonNull(assets.get(name), name);
    }
}
