#include "muster/supervisor/request_hash.hpp"

#include "muster/store/sha256.hpp"

#include <string_view>

namespace muster {

namespace {

/// The members of a request one after the other. Each text has its length before
/// it, and what may be absent says whether it is there, so that no two requests
/// have one spelling.
class request_text {
public:
  explicit request_text(std::string_view kind) { add(kind); }

  request_text& add(std::string_view text) {
    text_.append(std::to_string(text.size())).append(":").append(text);
    return *this;
  }
  request_text& add(const std::string& text) { return add(std::string_view(text)); }
  request_text& add(bool flag) {
    text_ += flag ? "+" : "-";
    return *this;
  }
  request_text& add(sequence number) { return add(std::to_string(number)); }
  template <class T>
  request_text& add(const std::optional<T>& what) {
    add(what.has_value());
    return what ? add(*what) : *this;
  }
  template <class T>
  request_text& add(const std::vector<T>& all) {
    add(std::uint64_t{all.size()});
    for (const auto& each : all)
      add(each);
    return *this;
  }
  request_text& add(const field_assignment& what) { return add(what.path).add(what.value); }

  [[nodiscard]] std::string hash() const { return to_hex(sha256::of(text_)); }

private:
  std::string text_;
};

} // namespace

std::string hash_of(const register_agent& asked) {
  return request_text("register")
      .add(asked.path)
      .add(asked.name)
      .add(asked.display_name)
      .add(asked.runtime)
      .add(asked.namespace_name)
      .add(asked.description)
      .add(asked.capabilities)
      .add(asked.scan_root)
      .add(asked.by)
      .hash();
}

std::string hash_of(const update_agent& asked) {
  return request_text("update")
      .add(asked.selector)
      .add(asked.assignments)
      .add(asked.add_capabilities)
      .add(asked.remove_capabilities)
      .add(asked.if_hash)
      .hash();
}

std::string hash_of(const revert_agent& asked) {
  return request_text("revert").add(asked.selector).add(asked.version.instance.text).add(asked.version.seq).hash();
}

std::string hash_of(const move_agent& asked) {
  return request_text("move").add(asked.selector).add(asked.path).hash();
}

std::string hash_of(const unregister_agent& asked) {
  return request_text("unregister").add(asked.selector).add(asked.keep_manifest).add(asked.everywhere).hash();
}

std::string hash_of(const deny_path& asked) {
  return request_text("deny").add(asked.path).add(asked.reason).add(asked.by).add(asked.strategy).hash();
}

std::string hash_of(const undeny_path& asked) {
  return request_text("undeny").add(asked.path).hash();
}

std::string hash_of(const admit_agents& asked) {
  return request_text("admit").add(asked.selector).add(asked.namespace_name).hash();
}

} // namespace muster
