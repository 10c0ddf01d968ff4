#pragma once

#include <memory>

namespace muster {

/// A value that copies in constant time and becomes one's own at the first
/// `edit`. Belongs to one thread, as do all its copies.
template <class T>
class copy_on_write {
public:
  [[nodiscard]] const T& operator*() const noexcept { return value_ ? *value_ : empty(); }
  [[nodiscard]] const T* operator->() const noexcept { return &**this; }

  [[nodiscard]] T& edit() {
    if (!value_)
      value_ = std::make_shared<T>();
    else if (value_.use_count() > 1)
      value_ = std::make_shared<T>(*value_);
    return *value_;
  }

private:
  static const T& empty() noexcept {
    static const T nothing{};
    return nothing;
  }

  std::shared_ptr<T> value_;
};

} // namespace muster
