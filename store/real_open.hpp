#pragma once

#include "muster/store/environment.hpp"

#include <array>
#include <cerrno>

namespace muster {

/// The errno of the call that just failed.
inline os_error last_error() noexcept {
  return os_error{errno};
}

/// A path as system calls want it: at most PATH_MAX bytes with their NUL,
/// copied to the stack.
class system_path {
public:
  explicit system_path(std::string_view path) noexcept;

  /// 0, EINVAL (a NUL inside) or ENAMETOOLONG.
  [[nodiscard]] int error() const noexcept { return error_; }
  [[nodiscard]] const char* c_str() const noexcept { return text_.data(); }

private:
  std::array<char, 4096> text_;
  int error_ = 0;
};

/// Whether the kernel has openat2 and lets this process use it.
bool openat2_is_usable() noexcept;

/// openat2 beneath a directory; ENOSYS where it is missing.
os_result<handle> open_beneath(handle directory, std::string_view path, const open_how& how);

/// The same without openat2: each component is opened by itself and looked at
/// before the next, so that a symbolic link swapped in at any moment is refused.
os_result<handle> walk_beneath(handle directory, std::string_view path, const open_how& how);

/// Without `beneath`.
os_result<handle> open_plain(handle directory, std::string_view path, const open_how& how);

} // namespace muster
