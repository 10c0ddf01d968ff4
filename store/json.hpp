#pragma once

#include "muster/messages/failure.hpp"

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Strict JSON (RFC 8259) that forgets nothing.
///
/// 1. A document keeps the bytes it was read from; every value is a range of them.
/// 2. Duplicate keys, a depth or size over the limit, anything that is not
///    UTF-8, lone surrogates, a byte order mark and trailing text are refused,
///    with line and column.
/// 3. Numbers are exact decimals (json_decimal.hpp): never a double, never
///    rounded, so every number that is read can be compared and kept.
namespace muster::json {

enum class kind : std::uint8_t { null, boolean, number, string, array, object };

[[nodiscard]] std::string_view to_string(kind k) noexcept;

struct limits {
  std::size_t bytes = std::size_t{256} * 1024; ///< never more than 1 GiB, whatever stands here
  std::size_t depth = 32;                      ///< how many arrays and objects may nest; never more than 500
};

/// Where in a text something is; both count from 1, columns in bytes. A line
/// ends with LF, CR LF or CR.
struct position {
  std::size_t line = 1;
  std::size_t column = 1;
  friend bool operator==(const position&, const position&) = default;
};

[[nodiscard]] position position_in(std::string_view text, std::size_t offset) noexcept;

namespace detail {

/// One value on the tape of a document. Children follow their parent; `next`
/// skips a value with all that is in it.
struct node {
  std::uint32_t begin = 0; ///< of the value's bytes
  std::uint32_t end = 0;
  std::uint32_t key_begin = 0; ///< of a member's key with its quotes; 0 = no member
  std::uint32_t key_end = 0;
  std::uint32_t next = 0;  ///< the node after this one's subtree
  std::uint32_t count = 0; ///< elements or members
  std::uint32_t order = 0; ///< of a large object: 1 + where its sorted members begin
  kind type = kind::null;
  bool escaped = false;     ///< a string that holds escapes
  bool key_escaped = false; ///< a key that holds escapes
};

/// What the reader makes of a text.
struct tape {
  std::vector<node> nodes;
  /// Of each object with more than `small_object` members, its members by key.
  std::vector<std::uint32_t> order;
};

/// Up to so many members an object is searched from first to last.
inline constexpr std::size_t small_object = 16;

} // namespace detail

class document;

/// A value inside a document; as light as a pointer, valid while the document
/// lives and is not moved. A default-made one is absent: it has no type, no
/// text, no children, and nothing is found in it.
class value {
public:
  class iterator;

  value() = default;

  [[nodiscard]] explicit operator bool() const noexcept { return owner_ != nullptr; }
  /// Of a value that is not absent.
  [[nodiscard]] kind type() const noexcept;
  [[nodiscard]] bool is(kind k) const noexcept { return owner_ && type() == k; }
  /// The bytes as read, without the blanks around them.
  [[nodiscard]] std::string_view text() const noexcept;
  /// Where its first byte lies in the document's text.
  [[nodiscard]] std::size_t offset() const noexcept;
  [[nodiscard]] position where() const noexcept;

  [[nodiscard]] bool as_bool() const noexcept; ///< of a boolean
  [[nodiscard]] std::string as_string() const; ///< of a string, decoded
  /// The decoded string without a copy, or nothing where escapes need decoding.
  [[nodiscard]] std::optional<std::string_view> plain_string() const noexcept;

  /// Elements of an array, members of an object; 0 for anything else.
  [[nodiscard]] std::size_t size() const noexcept;

  /// Iterates over elements or members in the order of the text.
  [[nodiscard]] iterator begin() const noexcept;
  [[nodiscard]] iterator end() const noexcept;

  /// The member with this (decoded) key, or an absent value. In objects of any
  /// size fast enough to be called for each member.
  [[nodiscard]] value find(std::string_view key) const;
  /// Of a member: its key, decoded; empty for elements and the root.
  [[nodiscard]] std::string key() const;
  /// The decoded key without a copy, or nothing where escapes need decoding.
  [[nodiscard]] std::optional<std::string_view> plain_key() const noexcept;
  /// Of a member: its key as read, with the quotes; empty for anything else.
  [[nodiscard]] std::string_view key_text() const noexcept;
  /// Of a member: where its key begins in the document's text.
  [[nodiscard]] std::size_t key_offset() const noexcept;

private:
  friend class document;
  value(const document* owner, std::uint32_t at) noexcept : owner_(owner), node_(at) {}
  [[nodiscard]] const detail::node& node() const noexcept;
  [[nodiscard]] std::string_view between(std::size_t first, std::size_t last) const noexcept;

  const document* owner_ = nullptr;
  std::uint32_t node_ = 0;
};

/// A text that is JSON, and where each value of it lies.
class document {
public:
  /// Takes the text over. The failure (refused) names line and column.
  [[nodiscard]] static expected<document> parse(std::string text, const limits& bounds = {});

  [[nodiscard]] value root() const noexcept { return value(this, 0); }
  [[nodiscard]] std::string_view text() const noexcept { return text_; }
  /// The limits it was read under.
  [[nodiscard]] const limits& bounds() const noexcept { return bounds_; }
  /// Line and column of an offset.
  [[nodiscard]] position position_of(std::size_t offset) const noexcept { return position_in(text_, offset); }

private:
  friend class value;
  document(std::string text, detail::tape tape, const limits& bounds) noexcept
      : text_(std::move(text)), tape_(std::move(tape)), bounds_(bounds) {}

  std::string text_;
  detail::tape tape_;
  limits bounds_;
};

/// Walks over the children of a value.
class value::iterator {
public:
  using iterator_category = std::input_iterator_tag;
  using value_type = value;
  using difference_type = std::ptrdiff_t;
  using pointer = void;
  using reference = value;

  iterator() = default;
  explicit iterator(value at) noexcept : at_(at) {}

  value operator*() const noexcept { return at_; }
  iterator& operator++() noexcept {
    at_.node_ = at_.node().next;
    return *this;
  }
  iterator operator++(int) noexcept {
    auto before = *this;
    ++*this;
    return before;
  }
  bool operator==(const iterator& other) const noexcept { return at_.node_ == other.at_.node_; }

private:
  value at_;
};

inline const detail::node& value::node() const noexcept {
  return owner_->tape_.nodes[node_];
}

inline std::string_view value::between(std::size_t first, std::size_t last) const noexcept {
  return std::string_view(owner_->text_).substr(first, last - first);
}

inline kind value::type() const noexcept {
  return node().type;
}

inline std::string_view value::text() const noexcept {
  return owner_ ? between(node().begin, node().end) : std::string_view();
}

inline std::size_t value::size() const noexcept {
  return owner_ ? node().count : 0;
}

inline value::iterator value::begin() const noexcept {
  return iterator(owner_ ? value(owner_, node_ + 1) : value());
}

inline value::iterator value::end() const noexcept {
  return iterator(owner_ ? value(owner_, node().next) : value());
}

} // namespace muster::json
