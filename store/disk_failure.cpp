#include "muster/store/disk_failure.hpp"

#include <cerrno>
#include <cstring>

namespace muster {

namespace {

struct errno_advice {
  std::string_view code;
  std::string_view advice;
};

errno_advice advice_for(int code) noexcept {
  switch (code) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG: return {"disk-full", "make room and try again"};
    case EROFS: return {"disk-read-only", "make the file system writable and try again"};
    case EACCES:
    case EPERM: return {"disk-denied", "give this user access and try again"};
    case EMFILE:
    case ENFILE: return {"disk-descriptors", "raise the limit of open files, or try again later"};
    case ENOENT:
    case ENOTDIR:
    case ESTALE:
    case ENOTCONN: return {"disk-vanished", "see whether it was moved, deleted or unmounted"};
    case ELOOP: return {"disk-error", "a symbolic link lies there: put the file itself in its place and try again"};
    case EISDIR: return {"disk-error", "a directory lies there: put the file back in its place and try again"};
    default: return {"disk-error", "check the disk and try again"};
  }
}

} // namespace

std::string_view disk_advice(os_error why) noexcept {
  return advice_for(why.code).advice;
}

std::string errno_text(os_error why) {
  const char* name = ::strerrorname_np(why.code);
  const char* description = ::strerrordesc_np(why.code);
  if (!name || !description)
    return "error " + std::to_string(why.code);
  return std::string{name} + ", " + description;
}

failure disk_failure(std::string_view step, std::string_view path, os_error why) {
  const auto [code, advice] = advice_for(why.code);
  failure result{failure_kind::failed, code, {}};
  result.message.append("cannot ").append(step).append(" at ").append(path).append(": ").append(errno_text(why));
  result.message.append("; ").append(advice);
  result.path = path;
  result.step = step;
  result.system_errno = why.code;
  return result;
}

} // namespace muster
