/**
 * SavedModels that take raw strings: writing, loading, predicting, freezing; and other people's:
 * inspecting them, and compressing their embedding tables.
 */
package io.github.lowrank.export;
