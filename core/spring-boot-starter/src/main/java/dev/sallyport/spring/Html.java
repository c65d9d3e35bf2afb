// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import dev.sallyport.qr.QrCode;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Elements, attributes and text of a page. All text and all values are escaped, because nothing but a {@link QrCode}
 * gets into a page any other way. Start and end tags always match.
 */
final class Html {
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]*");
    private static final Set<String> WITHOUT_CONTENT = Set.of("br", "input", "link", "meta");
    private static final Part NOTHING = new Nodes(List.of());

    private Html() {}

    /** What an element consists of. */
    sealed interface Part permits Attribute, Node {}

    /** What stands between a start tag and an end tag. */
    sealed interface Node extends Part permits Element, Text, Svg, Nodes {}

    private record Attribute(String name, String value) implements Part {}

    private record Element(String name, List<Part> parts) implements Node {}

    private record Text(String text) implements Node {}

    private record Svg(QrCode code) implements Node {}

    private record Nodes(List<? extends Node> nodes) implements Node {}

    static Node element(String name, Part... parts) {
        return new Element(checked(name), List.of(parts));
    }

    static Part attribute(String name, String value) {
        return new Attribute(checked(name), value);
    }

    /** {@return an attribute that is there or not, such as {@code required}} */
    static Part flag(String name) {
        return attribute(name, "");
    }

    static Part attributeIf(boolean present, String name, String value) {
        return present ? attribute(name, value) : NOTHING;
    }

    static Node text(String text) {
        return new Text(text);
    }

    static Node qrCode(QrCode code) {
        return new Svg(code);
    }

    static Node all(List<? extends Node> nodes) {
        return new Nodes(List.copyOf(nodes));
    }

    static Node all(Node... nodes) {
        return all(List.of(nodes));
    }

    /** {@return the node; nothing for null} */
    static Node maybe(@Nullable Node node) {
        return node == null ? all() : node;
    }

    static String document(Node root) {
        StringBuilder html = new StringBuilder(8192).append("<!DOCTYPE html>\n");
        write(root, html);
        return html.append('\n').toString();
    }

    private static void write(Node node, StringBuilder html) {
        if (node instanceof Element element) {
            writeElement(element, html);
        } else if (node instanceof Text text) {
            escape(text.text, html);
        } else if (node instanceof Svg svg) {
            html.append(svg.code.toSvg());
        } else if (node instanceof Nodes nodes) {
            nodes.nodes.forEach(part -> write(part, html));
        }
    }

    private static void writeElement(Element element, StringBuilder html) {
        html.append('<').append(element.name);
        for (Part part : element.parts) {
            if (part instanceof Attribute attribute) {
                html.append(' ').append(attribute.name).append("=\"");
                escape(attribute.value, html);
                html.append('"');
            }
        }
        if (WITHOUT_CONTENT.contains(element.name)) {
            // The slash means nothing to HTML, and makes the page well-formed XML as well.
            html.append(" />");
            return;
        }
        html.append('>');
        for (Part part : element.parts) {
            if (part instanceof Node node) {
                write(node, html);
            }
        }
        html.append("</").append(element.name).append('>');
    }

    private static void escape(String text, StringBuilder html) {
        text.codePoints().forEach(symbol -> {
            switch (symbol) {
                case '&' -> html.append("&amp;");
                case '<' -> html.append("&lt;");
                case '>' -> html.append("&gt;");
                case '"' -> html.append("&quot;");
                case '\'' -> html.append("&#39;");
                default -> html.appendCodePoint(isAllowed(symbol) ? symbol : '\uFFFD');
            }
        });
    }

    /** HTML forbids control characters and noncharacters, and UTF-8 has no half of a surrogate pair. */
    private static boolean isAllowed(int symbol) {
        boolean control = Character.isISOControl(symbol) && symbol != '\n' && symbol != '\t';
        boolean noncharacter = (symbol & 0xFFFE) == 0xFFFE || (symbol >= 0xFDD0 && symbol <= 0xFDEF);
        return !control && !noncharacter && Character.getType(symbol) != Character.SURROGATE;
    }

    private static String checked(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("not a name of HTML: " + name);
        }
        return name;
    }
}
