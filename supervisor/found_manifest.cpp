#include "muster/supervisor/found_manifest.hpp"

#include "muster/store/sha256.hpp"

namespace muster {

found_file found_against(const saga_intent& intent, const manifest_sight& sight) {
  const bool same = intent.before == intent.after;
  if (std::holds_alternative<manifest_obscured>(sight))
    return found_file::unreadable;
  const auto* bytes = std::get_if<manifest_bytes>(&sight);
  const auto is = [&](const std::optional<manifest_image>& image) {
    return bytes ? image && image->hash == to_hex(bytes->hash) : !image;
  };
  if (is(intent.before))
    return same ? found_file::as_both : found_file::as_before;
  if (is(intent.after))
    return found_file::as_written;
  return bytes ? found_file::other : found_file::gone;
}

read_manifest question_after(const saga_intent& intent) {
  return {intent.path, intent.before == intent.after ? std::nullopt : intent.where};
}

} // namespace muster
