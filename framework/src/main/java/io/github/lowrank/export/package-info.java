/**
 * Writing our own models to files, as SavedModels that take raw strings or as frozen graphs, and
 * loading them.
 *
 * <p>Forbidden: other people's models ({@code foreign}), and training.
 */
package io.github.lowrank.export;
