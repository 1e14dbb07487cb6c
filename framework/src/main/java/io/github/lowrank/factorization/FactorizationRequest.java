package io.github.lowrank.factorization;

import io.github.lowrank.text.VectorWriter;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What to factorize.
 *
 * @param table file of word vectors
 * @param entry entry of a zip file, if it has several
 * @param rank chooses the rank
 * @param out folder that does not exist yet
 * @param layout of the rows
 * @param master address of the cluster, for engines that have one
 */
public record FactorizationRequest(
    Path table,
    Optional<String> entry,
    RankChoice rank,
    Path out,
    VectorWriter.Layout layout,
    Optional<String> master) {}
