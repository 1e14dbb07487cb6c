/**
 * Graphs of ONNX as protocol buffers: nodes, constants, inputs and outputs, and what forms,
 * encoders and heads exchange when they write themselves into one.
 *
 * <p>Forbidden: every other room of ours but {@code linalg}, and running anything.
 */
package io.github.lowrank.onnx;
