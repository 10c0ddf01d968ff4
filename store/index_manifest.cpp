#include "muster/store/index_manifest.hpp"

#include "muster/store/manifest_meaning.hpp"

namespace muster {

namespace {

std::string meaning_of_field(std::string_view field, const std::optional<std::string>& value) {
  if (value) {
    auto document = json::document::parse(*value, {.bytes = value->size()});
    if (!document)
      return *value;
    if (auto meaning = field_meaning(field, document->root()))
      return std::move(*meaning);
  }
  // Removed, or degraded, which means the same.
  return default_meaning(field).value_or(std::string());
}

std::string hash_of_manifest(const std::string& manifest) {
  auto document = json::document::parse(manifest, {.bytes = manifest.size()});
  return document ? to_hex(content_hash(*document)) : hash_of_text(manifest);
}

} // namespace

index_meaning meaning_of_manifests() noexcept {
  return {.field = &meaning_of_field, .content = &hash_of_manifest};
}

} // namespace muster
