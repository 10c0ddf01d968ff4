#include "muster/store/instance_text.hpp"

#include "muster/store/base32.hpp"
#include "muster/store/op_codec.hpp"
#include "muster/store/sha256.hpp"

namespace muster {

namespace {

constexpr std::size_t id_length = 52;
constexpr std::size_t check_length = 4;

std::string check_characters(std::string_view id) {
  const auto digest = sha256::of(std::string("muster instance check 1\n").append(id));
  return to_base32(digest).substr(0, check_length);
}

} // namespace

std::string shown_instance(const instance_id& id) {
  return id.text + "-" + check_characters(id.text);
}

expected<instance_id> parse_instance(std::string_view text) {
  std::string id;
  for (const char c : text.substr(0, id_length + check_length + 2))
    id += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (id.size() == id_length + 1 + check_length && id[id_length] == '-')
    id.erase(id_length, 1);
  const auto check = id.size() == id_length + check_length ? id.substr(id_length) : std::string();
  id.resize(id.size() - check.size());
  if (!is_instance_id(id))
    return failure{failure_kind::refused, "not-an-instance",
                   "this is not an instance id; one is 52 characters of a-z and 2-7, with or without its 4 check "
                   "characters: copy it from `muster peer show` on that machine"};
  if (!check.empty() && check != check_characters(id))
    return failure{failure_kind::refused, "instance-mistyped",
                   "the check characters of this instance id do not match, so it was mistyped or cut: copy it again "
                   "from `muster peer show` on that machine"};
  return instance_id(std::move(id));
}

} // namespace muster
