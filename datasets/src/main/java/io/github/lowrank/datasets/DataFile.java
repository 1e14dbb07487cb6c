package io.github.lowrank.datasets;

import java.util.Optional;

/**
 * A file of the catalogue.
 *
 * @param path below the data root, or of a class-path resource in a Maven artifact
 * @param sha256 checksum of the file, in hexadecimal
 * @param bundled whether it is a class-path resource
 * @param address what {@code lowrank datasets get} downloads, or in words where to look
 * @param entry entry of a zip file, if the file is a zip file with several
 */
public record DataFile(
    String path, String sha256, boolean bundled, Optional<String> address, Optional<String> entry) {
  static DataFile bundled(String path, String sha256) {
    return new DataFile(path, sha256, true, Optional.empty(), Optional.empty());
  }

  static DataFile file(String path, String sha256, String address) {
    return new DataFile(path, sha256, false, Optional.of(address), Optional.empty());
  }

  static DataFile file(String path, String sha256) {
    return new DataFile(path, sha256, false, Optional.empty(), Optional.empty());
  }

  static DataFile entry(String path, String sha256, Optional<String> entry) {
    return new DataFile(path, sha256, false, Optional.empty(), entry);
  }
}
