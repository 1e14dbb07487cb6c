/**
 * SavedModels that other people made: finding their embedding tables; compressing, comparing and
 * retraining the models.
 *
 * <p>Forbidden: assuming that a model is ours ({@code export}).
 */
package io.github.lowrank.foreign;
