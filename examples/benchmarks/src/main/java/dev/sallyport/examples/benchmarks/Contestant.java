// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.benchmarks;

/** One way to do what a comparison is about. Serves one thread. */
record Contestant(String name, Operation operation) {

    /** Done once per call; what it gives back is kept alive, so that no compiler leaves it out. */
    @FunctionalInterface
    interface Operation {
        Object run() throws Exception;

        /** Gets ready for so many runs, outside the measurement. */
        default void prepare(int runs) {}
    }

    static Contestant of(String name, Operation operation) {
        return new Contestant(name, operation);
    }
}
