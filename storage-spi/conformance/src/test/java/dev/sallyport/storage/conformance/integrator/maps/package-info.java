// SPDX-License-Identifier: Apache-2.0

/**
 * {@link dev.sallyport.storage.MapTwoFactorStore} over distributed maps: on real nodes, which bind to 127.0.0.1 and leave
 * nothing behind. Each is set as the page on storage demands; what happens to who sets it otherwise is a test too.
 */
@NullMarked
package dev.sallyport.storage.conformance.integrator.maps;

import org.jspecify.annotations.NullMarked;
