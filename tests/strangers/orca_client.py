"""Pays every bill of the simulated receipt computer with Python's own HTTP, JSON and XML; one JSON line for each thing found out."""

import http.client
import json
import sys
import urllib.error
import urllib.request
import xml.etree.ElementTree as ElementTree

HOST, DAY = sys.argv[1:3]
BASE = f"http://{HOST}"


def say(**found):
    print(json.dumps(found, ensure_ascii=False), flush=True)


def opener(password):
    manager = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    manager.add_password(None, BASE, "ormaster", password)
    return urllib.request.build_opener(urllib.request.HTTPBasicAuthHandler(manager))


browser = opener("made-up")


def ask(path, body):
    data = json.dumps(body).encode()
    request = urllib.request.Request(BASE + path, data, {"Content-Type": "application/json"})
    with browser.open(request, timeout=30) as answer:
        return next(iter(json.load(answer).values()))


def income(**fields):
    return ask("/orca23/incomev3?format=json", {"incomev3req": {"Karte_Uid": "python", **fields}})


def bill(patient):
    """incomeinfv2, in XML, with and without the prefix of WebORCA."""
    body = f'<data><private_objects type="record"><Patient_ID type="string">{patient}</Patient_ID></private_objects></data>'
    found = []
    for prefix in ("", "/api"):
        request = urllib.request.Request(
            BASE + prefix + "/api01rv2/incomeinfv2", body.encode(), {"Content-Type": "application/xml"}
        )
        with browser.open(request, timeout=30) as answer:
            found.append(ElementTree.parse(answer).getroot()[0])
    unpaid = [
        {row.find("Invoice_Number").text: int(row.find("Unpaid_Money").text) for row in root.iter("Unpaid_Money_Information_child")}
        for root in found
    ]
    assert unpaid[0] == unpaid[1]
    total = found[0].findtext("Unpaid_Money_Total")
    assert sum(unpaid[0].values()) == int(total or 0)
    return unpaid[0]


try:
    opener("wrong").open(BASE + "/api01rv2/patientgetv2?id=1&format=json", timeout=30)
    say(let_in=True)
except urllib.error.HTTPError as error:
    say(refused=error.code)

listed = ask("/api01rv2/acceptlstv2?class=02&format=json", {"acceptlstreq": {"Acceptance_Date": DAY}})
patients = [row["Patient_Information"]["Patient_ID"] for row in listed["Acceptlst_Information"] if "Acceptance_Id" in row]
say(listed=len(patients))
taken = 0
# Around midnight the day's list is another day's; the numbers are known all the same.
for patient in patients or ["00001", "00002"]:
    for invoice, due in bill(patient).items():
        opened = income(Request_Number="01", Request_Mode="02", Patient_ID=patient, InOut="O", Invoice_Number=invoice)
        session = {"Orca_Uid": opened["Orca_Uid"]}
        paid = income(
            Request_Number="02", Request_Mode="01", Patient_ID=patient, InOut="O",
            Invoice_Number=invoice, Ic_Money=str(due), Ic_Code="01", **session,
        )
        assert paid["Api_Result"] == "00000", paid
        assert int(paid["Unpaid_Money"]) == 0
        rows = [row for row in paid["Income_History"] if row]
        assert sum(int(row.get("Ic_Money", 0)) for row in rows) == int(paid["Ic_Money"])
        income(Request_Number="99", **session)
        taken += due
    assert bill(patient) == {}
say(taken=taken)

# One line kept open, and what it does not take.
line = http.client.HTTPConnection(HOST, timeout=30)
word = {"Authorization": "Basic b3JtYXN0ZXI6bWFkZS11cA=="}
statuses = []
for _ in range(3):
    line.request("GET", "/api01rv2/patientgetv2?id=1&format=json", headers=word)
    answer = line.getresponse()
    json.load(answer)
    statuses.append(answer.status)
line.request("POST", "/orca23/incomev3", body=iter([b"{}"]), headers=word, encode_chunked=True)
statuses.append(line.getresponse().status)
say(statuses=statuses)
