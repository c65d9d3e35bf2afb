// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import org.xml.sax.helpers.DefaultHandler;

/** A page as a tree. Every page is well-formed XML, so a strict parser reads it. */
final class ParsedPage {
    private final Document document;

    private ParsedPage(Document document) {
        this.document = document;
    }

    static ParsedPage of(String html) {
        try {
            DocumentBuilder parser = DocumentBuilderFactory.newInstance().newDocumentBuilder();
            parser.setErrorHandler(new DefaultHandler());
            return new ParsedPage(parser.parse(new InputSource(new StringReader(html))));
        } catch (SAXException | IOException | ParserConfigurationException e) {
            throw new AssertionError("not well-formed: " + html, e);
        }
    }

    Element root() {
        return document.getDocumentElement();
    }

    Stream<Element> all(String name) {
        NodeList found = document.getElementsByTagName(name);
        return IntStream.range(0, found.getLength()).mapToObj(i -> (Element) found.item(i));
    }

    Element only(String name) {
        List<Element> found = all(name).toList();
        if (found.size() != 1) {
            throw new AssertionError(found.size() + " elements <" + name + ">");
        }
        return found.get(0);
    }

    Element named(String name) {
        return all("input")
                .filter(input -> input.getAttribute("name").equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no field " + name));
    }

    String text() {
        return root().getTextContent();
    }

    /** The names of all elements and of their attributes, in the order of the page. */
    List<String> structure() {
        return all("*").map(ParsedPage::tag).toList();
    }

    private static String tag(Element element) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < element.getAttributes().getLength(); i++) {
            names.add(element.getAttributes().item(i).getNodeName());
        }
        return element.getTagName() + names;
    }

    static boolean isInside(Node node, String name) {
        for (Node at = node.getParentNode(); at != null; at = at.getParentNode()) {
            if (at.getNodeName().equals(name)) {
                return true;
            }
        }
        return false;
    }
}
