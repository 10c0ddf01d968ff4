#pragma once

#include "muster/store/json.hpp"
#include "muster/store/manifest.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

/// The grammar of a manifest as data: one table for each object, which the
/// check, the meaning and the merge all walk.
namespace muster::rules {

enum class shape : std::uint8_t {
  text,     ///< a string of `least` to `most` UTF-16 code units that `fits`
  choice,   ///< one of `choices`
  flag,     ///< true or false
  integer,  ///< a number without fraction from `least` to `most`
  number,   ///< any number whose nearest double is finite
  list,     ///< an array of `element`
  text_map, ///< an object whose values are strings
  object,   ///< an object with `members`
  tagged,   ///< an object whose members follow from the value of its `tag`
};

struct field;
struct variant;

template <class T>
struct table {
  const T* first = nullptr;
  std::size_t count = 0;
  [[nodiscard]] constexpr const T* begin() const noexcept { return first; }
  [[nodiscard]] constexpr const T* end() const noexcept { return first + count; }
};

inline constexpr std::uint64_t unlimited = std::numeric_limits<std::uint64_t>::max();

struct rule {
  shape form = shape::text;
  std::uint64_t least = 0;
  std::uint64_t most = unlimited;
  bool (*fits)(std::string_view) = nullptr;
  std::string_view code = {};  ///< of the problem when `fits` says no
  std::string_view looks = {}; ///< what `fits` wants, in words
  table<std::string_view> choices = {};
  const rule* element = nullptr;
  bool is_set = false;            ///< of a list: order and repetitions mean nothing
  std::string_view identity = {}; ///< of a list of objects: the member that tells which is which
  table<field> members = {};
  std::string_view tag = {};
  table<variant> variants = {};
};

/// What the absence of a member means.
struct absence {
  bool allowed = true;
  std::string_view meaning = {}; ///< canonical JSON; empty: there is none
};

/// What becomes of a value that breaks the rule.
enum class tolerance : std::uint8_t {
  refuse,  ///< the manifest is invalid
  degrade, ///< the member counts as absent, its bytes stay
};

struct field {
  std::string_view name;
  rule value;
  absence absent;
  tolerance when_bad = tolerance::refuse;
  std::string_view advice = {}; ///< what to do about a bad value
};

struct variant {
  std::string_view tag_value;
  table<field> members;
};

/// The fields of a manifest; the position of each is its `manifest_field`.
[[nodiscard]] table<field> manifest_fields() noexcept;

[[nodiscard]] const field& field_of(manifest_field which) noexcept;

/// The rule of the top-level field with this name, or null if it is unknown.
[[nodiscard]] const field* find_field(std::string_view name) noexcept;

/// The entry with this name, or null. Looks at the one after `hint` first, as
/// members usually come in the order of the table.
[[nodiscard]] const field* find_field(table<field> fields, std::string_view name, const field* hint = nullptr) noexcept;

/// The entry that a member of an object is an instance of, or null.
[[nodiscard]] const field* find_member(table<field> fields, json::value member, const field* hint = nullptr);

/// The members that an object with this value of its tag has; empty if there
/// is no such variant.
[[nodiscard]] table<field> members_for(const rule& tagged, std::string_view tag_value) noexcept;

} // namespace muster::rules
