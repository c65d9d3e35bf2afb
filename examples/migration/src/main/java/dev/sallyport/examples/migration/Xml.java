// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.ErrorHandler;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;

/** Reads XML without document types, so that a file cannot make this program read other files or addresses. */
final class Xml {
    private static final String DISALLOW_DOCTYPE = "http://apache.org/xml/features/disallow-doctype-decl";

    private Xml() {}

    static Element read(Path file) throws BadInput {
        String text = TextFile.read(file);
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newDefaultInstance();
            factory.setNamespaceAware(true);
            factory.setXIncludeAware(false);
            factory.setExpandEntityReferences(false);
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            factory.setFeature(DISALLOW_DOCTYPE, true);
            factory.setAttribute(XMLConstants.ACCESS_EXTERNAL_DTD, "");
            factory.setAttribute(XMLConstants.ACCESS_EXTERNAL_SCHEMA, "");
            DocumentBuilder builder = factory.newDocumentBuilder();
            builder.setErrorHandler(new Silent());
            return builder.parse(new InputSource(new StringReader(text))).getDocumentElement();
        } catch (SAXParseException e) {
            boolean doctype = String.valueOf(e.getMessage()).contains(DISALLOW_DOCTYPE);
            throw BadInput.at(
                    CsvTable.place(file, e.getLineNumber()),
                    doctype
                            ? "it has a document type, which is refused because it can name other files"
                            : "it is not XML");
        } catch (SAXException | IOException e) {
            throw BadInput.at(file.toString(), "it is not XML");
        } catch (ParserConfigurationException e) {
            throw new AssertionError("every JDK has these features", e);
        }
    }

    /** The first child of that name; null if there is none. Prefixes and namespaces differ from vendor to vendor. */
    static @Nullable Element child(@Nullable Element parent, String name) {
        List<Element> found = children(parent, name);
        return found.isEmpty() ? null : found.get(0);
    }

    static List<Element> children(@Nullable Element parent, String name) {
        List<Element> found = new ArrayList<>();
        Node node = parent == null ? null : parent.getFirstChild();
        for (; node != null; node = node.getNextSibling()) {
            if (node instanceof Element element && element.getLocalName().equals(name)) {
                found.add(element);
            }
        }
        return found;
    }

    /** The element at the end of a path of names; null if one is missing. */
    static @Nullable Element descendant(@Nullable Element parent, String... names) {
        Element found = parent;
        for (String name : names) {
            found = child(found, name);
        }
        return found;
    }

    static @Nullable String text(@Nullable Element element) {
        return element == null ? null : element.getTextContent().strip();
    }

    /** The parser's own handler prints to the standard error output. */
    private static final class Silent implements ErrorHandler {
        @Override
        public void warning(SAXParseException e) {}

        @Override
        public void error(SAXParseException e) throws SAXException {
            throw e;
        }

        @Override
        public void fatalError(SAXParseException e) throws SAXException {
            throw e;
        }
    }
}
