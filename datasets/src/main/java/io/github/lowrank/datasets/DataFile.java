package io.github.lowrank.datasets;

import java.util.Optional;

/**
 * A file of the catalogue.
 *
 * @param path below the data root, or of a class-path resource that Maven brings
 * @param sha256 checksum of its bytes, in hexadecimal
 * @param bundled whether it is a class-path resource
 * @param address where users get it from
 * @param entry which file of a zip file is meant, if it is one that holds several
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
