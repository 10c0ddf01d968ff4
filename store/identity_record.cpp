#include "muster/store/identity_record.hpp"

#include "muster/store/canonical_reader.hpp"
#include "muster/store/json.hpp"
#include "muster/store/op_codec.hpp"
#include "muster/store/whole_number.hpp"

#include <array>

namespace muster {

namespace {

constexpr std::size_t text_limit = 4096;
constexpr std::uint64_t number_limit = 9'007'199'254'740'991;

bool read_instance(canonical_reader& in, instance_id& into) {
  std::string_view text;
  if (!in.plain_string(text) || !is_instance_id(text))
    return in.fail(line_problems::wrong_type);
  into.text = text;
  return true;
}

bool read_record(canonical_reader& in, identity_record& into) {
  std::array<std::byte, 8> inode{};
  std::uint64_t created = 0;
  if (!in.open_object() || !in.required("binding") || !in.open_object() || !in.required("inode") || !in.hex(inode) ||
      !in.required("machineId") || !in.string(into.binding.machine_id, text_limit) || !in.close_object() ||
      !in.required("created") || !in.whole_number(created, number_limit) || !in.required("id") ||
      !read_instance(in, into.id) || !in.required("key") || !in.hex(into.key) || !in.required("release") ||
      !in.counting_number(into.release, number_limit) || (in.member("replaces") && !read_instance(in, into.replaces)))
    return false;
  for (const auto byte : inode)
    into.binding.inode = into.binding.inode << 8 | std::to_integer<std::uint64_t>(byte);
  into.created = std::chrono::milliseconds(created);
  return in.close_object() && in.expect("\n", line_problems::not_canonical) && in.end() &&
         (instance_of(into.key) == into.id || in.fail(line_problems::wrong_type));
}

} // namespace

std::string encode_record(const identity_record& what) {
  std::array<std::byte, 8> inode{};
  for (std::size_t i = 0; i != inode.size(); ++i)
    inode[i] = static_cast<std::byte>(what.binding.inode >> (56 - 8 * i) & 0xff);
  std::string text = "{\"binding\":{\"inode\":\"";
  append_hex(text, inode);
  text.append("\",\"machineId\":");
  append_quoted(text, what.binding.machine_id);
  text.append("},\"created\":").append(std::to_string(what.created.count()));
  text.append(",\"id\":\"").append(what.id.text).append("\",\"key\":\"");
  append_hex(text, what.key);
  text.append("\",\"release\":").append(std::to_string(what.release));
  if (!what.replaces.empty())
    text.append(",\"replaces\":\"").append(what.replaces.text).append("\"");
  return text.append("}\n");
}

expected<identity_record> decode_record(std::string_view text, std::uint64_t ours) {
  // Of another release's record nothing but its release is known.
  if (const auto document = json::document::parse(std::string(text))) {
    const auto release = document->root().find("release");
    if (release && release.type() == json::kind::number && release.text() != std::to_string(ours)) {
      const auto number = whole_number(release.text());
      const bool older = number && *number < ours;
      return failure{failure_kind::release_mismatch, "instance-release",
                     "the data directory is of release " + std::string(release.text()) +
                         " and this muster of release " + std::to_string(ours) +
                         (older ? ": the next command upgrades the directory" : ": upgrade this muster"),
                     "instance.json"};
    }
  }
  canonical_reader in(text);
  identity_record result;
  if (read_record(in, result))
    return result;
  return failure{failure_kind::damaged, "instance-unreadable",
                 "instance.json is damaged at byte " + std::to_string(in.offset()) + " (" +
                     std::string(in.problem().what) +
                     "): put the backup of this very file back; without one, move the directory away and begin "
                     "anew with 'muster init', its feeds stay readable where they are",
                 "instance.json"};
}

identity_step decide_identity(const identity_traces& found) {
  //  instance.json  identity.key  binding  step
  //  -              -             -        create
  //  -              there         -        replace  (interrupted creation, or a key that was copied alone)
  //  there          -             -        replace  (nobody can sign for it any more)
  //  there          another       -        replace  (interrupted replacement, or a key that was copied alone)
  //  there          the same      other    replace  (copied or restored)
  //  there          the same      same     use
  if (!found.record && !found.key)
    return identity_step::create;
  const bool whole = found.record && found.key && found.record->key == *found.key;
  return whole && found.record->binding == found.here ? identity_step::use : identity_step::replace;
}

} // namespace muster
