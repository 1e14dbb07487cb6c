/**
 * SavedModels that other people made: finding their embedding tables, compressing, comparing and
 * retraining them.
 *
 * <p>Forbidden: anything that supposes a model to be ours ({@code export}).
 */
package io.github.lowrank.foreign;
