package saga

import "yakusoku/shared/language"

// words label a guest's details in the host's calendar.
type words struct{ passcode, guest, email, company, phone, coAttendees string }

func wordsIn(l language.Tag) words {
	if l == language.Japanese {
		return words{
			passcode: "パスコード: ",
			guest:    "お名前: ",
			email:    "メール: ",
			company:  "会社名: ",
			phone:    "電話: ",

			coAttendees: "同席者: ",
		}
	}
	return words{
		passcode: "Passcode: ",
		guest:    "Name: ",
		email:    "Email: ",
		company:  "Company: ",
		phone:    "Phone: ",

		coAttendees: "Also invited: ",
	}
}
