// SPDX-License-Identifier: Apache-2.0
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedMethod;
import jdk.jfr.consumer.RecordingFile;

/**
 * Tells from a flight recording who used reflection while code of ours was on the stack: "directly" where that code made
 * the call itself, "below" with the method of somebody else that it had called.
 */
public final class Reflection {
    private Reflection() {}

    public static void main(String[] arguments) throws IOException {
        Set<String> uses = new TreeSet<>();
        for (RecordedEvent event : RecordingFile.readAllEvents(Path.of(arguments[0]))) {
            if (event.getEventType().getName().equals("jdk.MethodTrace")) {
                String use = use(event);
                if (use != null) {
                    uses.add(use);
                }
            }
        }
        uses.forEach(System.out::println);
    }

    private static String use(RecordedEvent event) {
        String reflective = name(event.getValue("method"));
        String called = reflective;
        for (RecordedFrame frame : event.getStackTrace().getFrames()) {
            String caller = name(frame.getMethod());
            if (caller.startsWith("dev.sallyport.")) {
                return called.equals(reflective)
                        ? "directly: " + caller + " -> " + reflective
                        : "below: " + called;
            }
            called = caller;
        }
        return null;
    }

    private static String name(RecordedMethod method) {
        return method.getType().getName() + "." + method.getName();
    }
}
