/** SavedModels that take raw strings: writing, loading, predicting. */
package io.github.lowrank.export;
