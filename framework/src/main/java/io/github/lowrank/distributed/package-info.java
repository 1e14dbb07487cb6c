/**
 * Factorizing a table whose rows lie at the nodes of a network without a centre: networks and their
 * mixing weights, gossip, DGD+LOCAL, as a simulation and as processes that talk to their neighbours
 * alone.
 *
 * <p>Forbidden: embeddings, models, options, printing, starting processes; and sending anything but
 * {@link io.github.lowrank.distributed.Round#message}.
 */
package io.github.lowrank.distributed;
