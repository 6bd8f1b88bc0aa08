/**
 * Who the mail server of the scenario of upgrading is: a certificate for `mail.example`, always the
 * same one, for its length is in the hash of a run. Its key opens nothing.
 *
 * @module
 */
import type { ITLSClientOptions, ITLSServerOptions } from "../../src/internet/interfaces-tls.ts";
import { CertificateOptions } from "../../src/internet/tls/certificate-options.ts";
import { optionsForClientTLS } from "../../src/internet/tls/client-options.ts";
import { PrivateCertificate } from "../../src/internet/tls/private-certificate.ts";
import { trustRootFromCertificates } from "../../src/internet/tls/trust-root.ts";

const certificate = PrivateCertificate.loadPEM(`-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgpeVZi9HxGPLqJwgf
5poxIZbNNeyfS3eew1yQv752ejGhRANCAARUqYQmLZJ0W84zpMmArsdLVnMn0Z63
h3Eu4zHahfsvE6cnF3MCYKQn3aNfhDZQAWCxjqJ8IHuQO2EDYlZVRwtG
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBuzCCAWGgAwIBAgIDD0JBMAoGCCqGSM49BAMCMBcxFTATBgNVBAMMDG1haWwu
ZXhhbXBsZTAgFw05NTAxMDEwMDAwMDBaGA8yMDk1MDEwMTAwMDAwMFowFzEVMBMG
A1UEAwwMbWFpbC5leGFtcGxlMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEVKmE
Ji2SdFvOM6TJgK7HS1ZzJ9Get4dxLuMx2oX7LxOnJxdzAmCkJ92jX4Q2UAFgsY6i
fCB7kDthA2JWVUcLRqOBmTCBljAMBgNVHRMBAf8EAjAAMA4GA1UdDwEB/wQEAwIH
gDAdBgNVHSUEFjAUBggrBgEFBQcDAQYIKwYBBQUHAwIwFwYDVR0RBBAwDoIMbWFp
bC5leGFtcGxlMB0GA1UdDgQWBBR4t29owyC7Pu0dyGsV9XKHBBcVfjAfBgNVHSME
GDAWgBR4t29owyC7Pu0dyGsV9XKHBBcVfjAKBggqhkjOPQQDAgNIADBFAiEA3097
YNziPWrQDaeUmFhj7WgdEyKI5u7WM7q1QbduRxcCIClrSBcoJ1wkcJXdHRYRvrxW
+kvuVqOJD/zVYtknpSWb
-----END CERTIFICATE-----
`);

const own = { certificate: certificate.certificate, privateKey: certificate };
const trustRoot = trustRootFromCertificates([certificate]);

/** The server's side of TLS, with the newest version and without it. */
export const SERVER_OPTIONS: readonly ITLSServerOptions[] = [
  new CertificateOptions(own),
  new CertificateOptions({ ...own, lowerMaximumSecurityTo: "TLSv1.2" }),
];

/** The client's side: it trusts that server by its name, and no other. */
export const CLIENT_OPTIONS: readonly ITLSClientOptions[] = ["mail.example", "other.example"].map(
  (name) => optionsForClientTLS(name, { trustRoot }),
);
