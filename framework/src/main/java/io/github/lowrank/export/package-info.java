/**
 * Our own models as files: SavedModels that take raw strings, frozen graphs, and loading them.
 *
 * <p>Forbidden: other people's models ({@code foreign}), and training.
 */
package io.github.lowrank.export;
