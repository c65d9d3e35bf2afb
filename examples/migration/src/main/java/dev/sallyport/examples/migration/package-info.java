// SPDX-License-Identifier: Apache-2.0

/**
 * Moves users with their authenticators over from other products.
 *
 * <p>{@link dev.sallyport.examples.migration.Migration} is the command line. A {@link
 * dev.sallyport.examples.migration.Source} reads the file of one product, and knows nothing of Sallyport's store.
 * {@link dev.sallyport.examples.migration.Plan} decides who comes over with what. {@link
 * dev.sallyport.examples.migration.Mover} does it, and {@link dev.sallyport.examples.migration.Report} tells it.
 *
 * <p>To add a product, write a {@code Source} and give it a name in {@link dev.sallyport.examples.migration.Format}.
 *
 * <p><b>Secrets.</b> No message, report or log contains a secret. Therefore no message of a parser is passed on,
 * because parsers quote the text that they could not read.
 */
@NullMarked
package dev.sallyport.examples.migration;

import org.jspecify.annotations.NullMarked;
