#include "muster/store/signing_key.hpp"

#include "muster/store/base32.hpp"
#include "muster/store/sha256.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <cstdio>
#include <cstdlib>

namespace muster {

namespace {

// Only a libcrypto that is out of memory or lacks Ed25519 refuses.
void require(bool done) {
  if (done)
    return;
  std::fputs("muster: OpenSSL does not provide Ed25519; check its installation and configuration\n", stderr);
  std::abort();
}

EVP_PKEY* raw(void* key) noexcept {
  return static_cast<EVP_PKEY*>(key);
}

const unsigned char* octets(const void* bytes) noexcept {
  return static_cast<const unsigned char*>(bytes);
}

struct free_context {
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};
using digest_context = std::unique_ptr<EVP_MD_CTX, free_context>;

} // namespace

void detail::free_key::operator()(void* key) const noexcept {
  EVP_PKEY_free(raw(key));
}

signing_key::signing_key(std::span<const std::byte, 32> secret)
    : key_(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, octets(secret.data()), secret.size())) {
  require(key_ != nullptr);
  std::size_t size = public_.size();
  require(EVP_PKEY_get_raw_public_key(raw(key_.get()), reinterpret_cast<unsigned char*>(public_.data()), &size) == 1);
  require(size == public_.size());
}

signature signing_key::sign(std::string_view message) const {
  const digest_context context(EVP_MD_CTX_new());
  require(context != nullptr);
  require(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, raw(key_.get())) == 1);
  signature result{};
  std::size_t size = result.size();
  require(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(result.data()), &size, octets(message.data()),
                         message.size()) == 1);
  require(size == result.size());
  return result;
}

signature_check::signature_check(const public_key& key)
    : key_(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, octets(key.data()), key.size())) {
  require(key_ != nullptr);
}

bool signature_check::operator()(std::string_view message, const signature& by) const {
  const digest_context context(EVP_MD_CTX_new());
  require(context != nullptr);
  require(EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, raw(key_.get())) == 1);
  return EVP_DigestVerify(context.get(), octets(by.data()), by.size(), octets(message.data()), message.size()) == 1;
}

void wipe(std::span<std::byte> secret) noexcept {
  OPENSSL_cleanse(secret.data(), secret.size());
}

instance_id instance_of(const public_key& key) {
  const auto digest = sha256::of({reinterpret_cast<const char*>(key.data()), key.size()});
  return instance_id(to_base32(digest));
}

} // namespace muster
